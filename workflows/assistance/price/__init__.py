"""价格临时补贴: indices, who is owed how much, and the batch that pays it.

Nobody is looked at one by one: indices decide for groups (bpmn/decisions/price.dmn), and jobs count
and order some hundred families at a time.
"""
