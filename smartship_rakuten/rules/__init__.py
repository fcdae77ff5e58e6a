"""Rules that turn a getOrder payload into values for Odoo: small pure functions, no Odoo import.

Whoever changes what is decided here changes one of these modules and nothing of Odoo:

* :mod:`.payload` reads single values, strictly or leniently, :mod:`.japan` the time they are in;
* :mod:`.order` is what is imported of an order (RMS API section 3), :mod:`.amounts` its arithmetic
  (section 4), :mod:`.taxes` Rakuten's tax of it (section 4.4), :mod:`.address` its persons and
  addresses (sections 3.2 and 3.7), :mod:`.postcode` what is doubtful about them;
* :mod:`.facts` is what an order can be searched, grouped and decided by, :mod:`.goods` says in a
  few words what is in it;
* :mod:`.mapping` says which codes name a product, and in which order; :mod:`.catalogue` reads the
  SKUs of an item, :mod:`.reservation` what is applied for and no order yet (section 8.3);
* :mod:`.conditions` is what a shop's rules may ask about an order, :mod:`.confirmation` says which
  orders are never confirmed by themselves, :mod:`.deadlines` by when something has to happen,
  :mod:`.working_days` on which days the shop ships, :mod:`.changes` what is another order than the
  one imported, :mod:`.reconcile` what has to be equal;
* :mod:`.shipping` is what the warehouse sees, :mod:`.rows` what Rakuten has of a shipment,
  :mod:`.tracking` how numbers are read and checked, :mod:`.carriers` whom Rakuten knows,
  :mod:`.waybill` and :mod:`.waybill_file` the carriers' files, :mod:`.paper` what goes onto which
  sheet;
* :mod:`.display` is the order as RMS shows it, :mod:`.privacy` what is left of it when its persons
  are forgotten, :mod:`.keys` what keys look like, :mod:`.halving` how a batch gets rid of the one
  that spoils it.
"""
