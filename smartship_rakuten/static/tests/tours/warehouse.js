import { registry } from "@web/core/registry";

const open = (text) => ({
    content: `Open the transfer to ${text}`,
    trigger: `.o_data_row:contains("${text}") .o_data_cell[name="name"]`,
    run: "click",
});

registry.category("web_tour.tours").add("smartship_rakuten_ship", {
    steps: () => [
        open("見本 太郎"),
        {
            content: "The recipient stands first and large",
            trigger: '.o_rakuten_facts .fs-2:contains("見本 太郎")',
        },
        { trigger: '.o_rakuten_facts:contains("午前中")' },
        { trigger: '.o_rakuten_facts .badge:contains("内祝")' },
        {
            content: "Type the tracking number",
            trigger: '.o_rakuten_facts .o_field_widget[name="carrier_tracking_ref"] input',
            run: "edit 111122223333",
        },
        {
            trigger: 'button[name="button_validate"].btn-primary',
            run: "click",
        },
        { trigger: '.o_arrow_button_current:contains("Done")' },
        { trigger: '.nav-link:contains("Rakuten")', run: "click" },
        {
            content: "It waits for its report",
            trigger: '.o_field_widget[name="rakuten_report_state"]:contains("To Report")',
        },
        { trigger: '.o_field_widget[name="rakuten_parcel_ids"] .o_data_cell:contains("111122223333")' },
    ],
});

registry.category("web_tour.tours").add("smartship_rakuten_reported", {
    steps: () => [
        { trigger: '.nav-link:contains("Rakuten")', run: "click" },
        {
            content: "Rakuten knows the number",
            trigger: '.o_field_widget[name="rakuten_report_state"]:contains("Reported")',
        },
    ],
});

registry.category("web_tour.tours").add("smartship_rakuten_held", {
    steps: () => [
        open("受取 花子"),
        {
            content: "Look at Rakuten before the work begins",
            trigger: 'button[name="action_rakuten_check"]',
            run: "click",
        },
        {
            content: "The reason stands on top",
            trigger: '.alert-danger:contains("変更確定待ち")',
        },
        {
            trigger: 'button[name="button_validate"].btn-primary',
            run: "click",
        },
        {
            content: "The transfer is not validated, and the message says why",
            trigger: '.modal:contains("Do not ship"):contains("変更確定待ち")',
        },
        { trigger: ".modal .btn-primary, .modal .btn-close", run: "click" },
        { trigger: '.o_arrow_button_current:contains("Ready")' },
    ],
});

registry.category("web_tour.tours").add("smartship_rakuten_print", {
    steps: () => [
        { trigger: '.o_data_row:contains("見本 太郎")' },
        {
            content: "Choose all transfers",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        { trigger: '.o_control_panel button:contains("Print")', run: "click" },
        {
            trigger: '.o_menu_item:contains("梱包リスト (Rakuten, A4)")',
            run: "click",
        },
        {
            content: "What Rakuten holds is named before anything is printed",
            trigger: '.o_notification:contains("Do not ship"):contains("800")',
            timeout: 60000,
        },
    ],
});
