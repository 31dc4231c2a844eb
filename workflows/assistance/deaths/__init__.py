"""Deaths: recorded from the register's lists or from a report, checked, undone where wrong.

A recorded death holds what is paid to the household; a person checks it, and only then benefits
change (关于进一步做好最低生活保障等社会救助兜底保障工作的通知 一(三)).
"""
