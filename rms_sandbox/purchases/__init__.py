"""What buyers do: the kinds of orders that tests can ask for, and what happens to orders later.

A new peculiarity of an order is a kind here. May use ``orders``, ``items`` and ``ground``.
"""
