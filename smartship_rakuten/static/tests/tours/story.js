/** The story in Japanese: a warehouse with stock rights alone, then the books. */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const app = (xmlid) => [
    stepUtils.showAppsMenuItem(),
    { trigger: `.o_app[data-menu-xmlid="${xmlid}"]`, run: "click" },
];
const menu = (...xmlids) =>
    xmlids.map((xmlid) => ({ trigger: `[data-menu-xmlid="${xmlid}"]`, run: "click" }));

/** The deliveries, found by the name of one. */
const transfer = (name) => [
    ...menu("stock.menu_stock_warehouse_mgmt", "stock.out_picking"),
    {
        content: `Open ${name}`,
        trigger: `.o_data_row .o_data_cell[name="name"]:contains("${name}")`,
        run: "click",
    },
];
const rakutenPage = { trigger: '.o_notebook .nav-link[name="rakuten"]', run: "click" };

registry.category("web_tour.tours").add("smartship_rakuten_story_ship", {
    steps: () => [
        ...app("stock.menu_stock_root"),
        ...menu("stock.menu_stock_warehouse_mgmt", "smartship_rakuten.menu_stock_tracking_import"),
        {
            trigger: '.modal .o_radio_item:contains("スキャンまたは貼り付け") input',
            run: "click",
        },
        {
            trigger: '.modal .o_field_widget[name="text"] textarea',
            // The check digit is the rest by seven.
            run: ({ edit }) => edit("WH/OUT/80001 4100-0000-0001\nWH/OUT/80002 410000000012"),
        },
        { trigger: '.modal .o_field_widget[name="validate_transfers"] input', run: "click" },
        { trigger: 'footer button[name="action_read"]:contains("プレビュー")', run: "click" },
        { trigger: '.modal .alert-info:contains("まだ何も登録されていません")' },
        { trigger: '.modal .o_data_cell[name="number"]:contains("4100-0000-0001")' },
        { trigger: 'footer button[name="action_apply"]:contains("入力")', run: "click" },
        {
            content: "Both have left",
            trigger: '.modal .alert-info:contains("出荷済: 2")',
        },
        { trigger: ".modal footer .o_form_button_cancel, .modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        ...transfer("WH/OUT/80003"),
        {
            content: "Look at Rakuten before the work begins",
            trigger: 'button[name="action_rakuten_check"]:contains("楽天から再読込")',
            run: "click",
        },
        { trigger: '.alert-danger:contains("出荷しないでください"):contains("変更確定待ち")' },
        { trigger: 'button[name="button_validate"]', run: "click" },
        {
            content: "The transfer is not validated, and the message says why",
            trigger: '.modal:contains("変更確定待ち")',
        },
        { trigger: ".modal .btn-primary, .modal .btn-close", run: "click" },
        { trigger: '.o_arrow_button_current[data-value="assigned"]' },
    ],
});

registry.category("web_tour.tours").add("smartship_rakuten_story_reported", {
    steps: () => [
        ...app("stock.menu_stock_root"),
        ...transfer("WH/OUT/80002"),
        rakutenPage,
        {
            content: "Rakuten knows the number",
            trigger: '.o_field_widget[name="rakuten_report_state"]:contains("報告済")',
        },
        {
            trigger:
                '.o_field_widget[name="rakuten_parcel_ids"] .o_data_cell:contains("410000000012")',
        },
    ],
});

/** A sale order's page with what Rakuten says of the money: 1,364 yen billed, 176 points used. */
const figures = [
    rakutenPage,
    { trigger: '.o_form_label:contains("注文者への請求金額")' },
    { trigger: '.o_field_widget[name="rakuten_request_price"]:contains("1,364")' },
    { trigger: '.o_form_label:contains("ポイント")' },
    { trigger: '.o_field_widget[name="rakuten_used_point"]:contains("176")' },
];

registry.category("web_tour.tours").add("smartship_rakuten_story_invoice", {
    steps: () => [
        ...app("sale.sale_menu_root"),
        ...menu("sale.menu_sale_invoicing", "sale.menu_sale_order_invoice"),
        { trigger: '.o_data_cell:contains("S80002")', run: "click" },
        ...figures,
        { trigger: "button#create_invoice, button.btn-primary:contains('請求書')", run: "click" },
        { trigger: '.modal button[name="create_invoices"]', run: "click" },
        { trigger: 'button[name="action_post"]', run: "click" },
        { trigger: '.o_arrow_button_current[data-value="posted"]' },
        { trigger: '.o_field_widget[name="tax_totals"]:contains("1,540")' },
    ],
});

/** One who may neither sell nor see Rakuten's menus. */
registry.category("web_tour.tours").add("smartship_rakuten_story_books", {
    steps: () => [{ trigger: '.o_field_widget[name="tax_totals"]:contains("1,540")' }, ...figures],
});
