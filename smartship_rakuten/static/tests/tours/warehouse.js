import { registry } from "@web/core/registry";

const open = (text) => ({
    content: `Open the transfer to ${text}`,
    trigger: `.o_data_row:contains("${text}") .o_data_cell[name="name"]`,
    run: "click",
});

const numbersBack = [
    { trigger: 'button:contains("Enter Tracking Numbers")', run: "click" },
    { trigger: '.modal .o_radio_item:contains("Scan") input', run: "click" },
    {
        trigger: '.modal .o_field_widget[name="text"] textarea',
        // The check digit is the rest by seven.
        run: ({ edit }) =>
            edit("123456-20260110-0000000001 4100-0000-0001\n123456-20260110-0000000002 410000000012"),
    },
    { trigger: '.modal button[name="action_ship"]', run: "click" },
    { trigger: '.modal .alert-info:contains("Shipped: 2")' },
    { trigger: ".modal .o_form_button_cancel, .modal .btn-close", run: "click" },
    { trigger: "body:not(:has(.modal))" },
];

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

/** Noon: a wave's papers and files; evening: the numbers come back, and what is clear leaves. */
registry.category("web_tour.tours").add("smartship_rakuten_noon", {
    steps: () => [
        { trigger: '.o_data_row:contains("見本 太郎")' },
        {
            content: "Choose all transfers",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        { trigger: 'button[name="action_rakuten_waybills"]', run: "click" },
        {
            content: "What stays out is counted and stands first",
            trigger: '.modal .alert-warning:contains("1"):contains("stay out")',
        },
        { trigger: '.modal .o_data_row:first-child:contains("Held")' },
        {
            content: "No calendar lies over the table",
            trigger: "body:not(:has(.o_datetime_picker))",
        },
        { trigger: '.modal button[name="action_make"]', run: "click" },
        {
            content: "Each file is a button with its name",
            trigger: '.modal .o_rakuten_files a[href*="download=true"]:contains(".csv"):contains("2")',
        },
        { trigger: '.modal .o_rakuten_files a:contains("梱包リスト"):contains("2")' },
        { trigger: '.modal button[name="action_save_all"]', run: "click" },
        { trigger: '.modal .o_rakuten_files a:contains("納品書")' },
        { trigger: ".modal .o_form_button_cancel, .modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        ...numbersBack,
    ],
});

registry.category("web_tour.tours").add("smartship_rakuten_phone", {
    steps: () => [
        {
            content: "The product to pick is on the first screen",
            trigger: '.o_rakuten_pick_list:contains("2 × [CODE-A] Product A")',
            run({ anchor }) {
                const { bottom } = anchor.getBoundingClientRect();
                if (bottom > window.innerHeight) {
                    throw new Error(`The goods end at ${bottom} of ${window.innerHeight}`);
                }
            },
        },
        { trigger: 'button[name="button_validate"].btn-primary', run: "click" },
        {
            content: "Without a number somebody is asked, and can enter it here",
            trigger: '.modal .o_field_widget[name="number"] input',
            run: "edit 1111-2222-3333",
        },
        {
            trigger: '.modal button[name="action_ship_numbered"]:contains("Ship With This Number")',
            run: "click",
        },
        { trigger: "body:not(:has(.modal))" },
        {
            trigger:
                '.o_field_widget[name="carrier_tracking_ref"] input:value("1111-2222-3333")',
        },
    ],
});
