import { registry } from "@web/core/registry";

const field = (name, value) => ({
    content: `Fill in ${name}`,
    trigger: `.modal .o_field_widget[name="${name}"] input`,
    run: `edit ${value}`,
});
const next = (text) => ({
    content: text,
    trigger: `.modal footer button.btn-primary:contains("${text}")`,
    run: "click",
});

registry.category("web_tour.tours").add("smartship_rakuten_onboarding", {
    steps: () => [
        {
            content: "The empty list offers the way",
            trigger: ".o_view_nocontent a.btn-primary",
            run: "click",
        },
        { trigger: '.modal:contains("利用機能編集")' },
        next("次へ"),
        { trigger: '.modal .alert-warning:contains("店舗URL名")' },
        field("shop_number", "123456"),
        field("shop_url", "sample-shop"),
        field("name", "見本ショップ"),
        next("次へ"),
        field("service_secret", "SP123456_tour"),
        field("license_key", "SL123456_tour"),
        next("テストして次へ"),
        { trigger: '.modal .alert-success:contains("有効")' },
        { trigger: '.modal .o_data_cell:contains("getOrder")' },
        next("次へ"),
        { trigger: '.modal .o_field_widget[name="tax_ids"] .badge' },
        {
            content: "A number cannot be reported without its carrier",
            trigger: '.modal .alert-info:visible:contains("配送会社")',
        },
        { trigger: '.modal .o_field_widget[name="company_code"] input', run: "click" },
        { trigger: '.o_select_menu_item:contains("ヤマト運輸")', run: "click" },
        next("次へ"),
        { trigger: '.modal .o_field_widget[name="auto_import"]' },
        next("次へ"),
        {
            content: "All orders wait for a product",
            trigger: '.modal .o_field_widget[name="preview_ids"] .o_data_cell:contains("要確認")',
        },
        {
            content: "Read the SKUs",
            trigger: '.modal button.btn-primary[name="action_import_skus"]',
            run: "click",
        },
        {
            content: "Nothing fits, which is said; so products are made",
            trigger: '.modal .alert-warning:contains("商品あり 0件") button[name="action_make_products"]',
            run: "click",
        },
        {
            content: "It is asked first",
            trigger: ".modal:not(.o_inactive_modal) footer button.btn-primary:contains(OK)",
            run: "click",
        },
        { trigger: '.modal .alert-success:contains("なし 0件")' },
        {
            content: "All orders can be imported",
            trigger:
                '.modal .o_field_widget[name="preview_ids"]:not(:has(.o_data_cell:contains("要確認")))',
        },
        next("今すぐ取り込む"),
        {
            content: "The shop is open, its orders are there",
            trigger: 'button[name="action_view_orders"]:contains("3")',
        },
    ],
});
