"""Overpayments: proposed month by month, decided by a person, paid back in instalments.

Nothing is taken back by itself: the tables propose, an officer decides, and money that comes back
is entered by one person and booked by another.
"""
