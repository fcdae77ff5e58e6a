"""The control endpoints under /__sandbox__/, which are not part of RMS.

May use everything but the top: ``app`` and ``server`` use this room.
"""
