"""临时救助: events, grants within their level, stages, paper debts, conferences."""
