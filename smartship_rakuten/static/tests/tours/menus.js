import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const menu = (xmlid) => ({
    content: `Open ${xmlid}`,
    trigger: `[data-menu-xmlid="smartship_rakuten.${xmlid}"]`,
    run: "click",
});
const title = (text) => ({
    content: `${text} is shown`,
    trigger: `.o_breadcrumb .active:contains("${text}")`,
});

registry.category("web_tour.tours").add("smartship_rakuten_menus", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: '.o_app[data-menu-xmlid="smartship_rakuten.menu_rakuten_root"]',
            run: "click",
        },
        title("Dashboard"),
        menu("menu_rakuten_orders"),
        menu("menu_rakuten_order"),
        title("Rakuten Orders"),
        menu("menu_rakuten_orders"),
        menu("menu_rakuten_blocked"),
        title("Orders That Need Attention"),
        menu("menu_rakuten_orders"),
        menu("menu_rakuten_parcel"),
        title("Shipment Reports"),
        menu("menu_rakuten_mapping"),
        menu("menu_rakuten_option"),
        title("Options That Bring a Product"),
        menu("menu_rakuten_mapping"),
        menu("menu_rakuten_sku"),
        title("SKU Mapping"),
        menu("menu_rakuten_shop"),
        title("Shops"),
        { trigger: '.o_data_cell:contains("見本ショップ")', run: "click" },
        { content: "The shop's form", trigger: 'button[name="action_test_connection"]:visible' },
    ],
});
