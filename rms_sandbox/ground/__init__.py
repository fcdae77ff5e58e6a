"""What every other room stands on: Japanese time, values, storage, the world, HTTP answers.

Knows no operation and no order. Uses nothing of the other rooms.
"""
