"""The API as a whole: the table of all operations, and the faults that their calls can meet.

May use the API families ``orders``, ``reservations``, ``shop``, ``items``, ``inventory``, and
``ground``.
"""
