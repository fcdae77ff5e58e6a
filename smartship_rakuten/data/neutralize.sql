-- a copy of the database must never confirm, ship or sell at the real shop
UPDATE rakuten_shop
   SET state = 'draft',
       service_secret = NULL,
       license_key = NULL,
       next_service_secret = NULL,
       next_license_key = NULL,
       key_entered_at = NULL,
       next_key_message_code = NULL,
       next_key_message_details = NULL,
       api_url = 'https://neutralized.invalid',
       auto_import = false,
       auto_confirm = false,
       auto_fulfil = false,
       sync_inventory = false;
