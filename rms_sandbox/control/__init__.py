"""The control endpoints under /__sandbox__/, which are not part of RMS.

May use ``api``, ``purchases``, ``payouts``, ``orders``, ``items``, ``inventory`` and ``ground``.
"""
