import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("smartship_rakuten_dashboard", {
    steps: () => [
        {
            content: "Each shop has a card; one order waits for its confirmation",
            trigger: '.o_rakuten_tile:contains("To Confirm"):contains("1")',
            run: "click",
        },
        {
            content: "The number opens the orders that it counts",
            trigger: '.o_data_row:contains("0000000001")',
        },
        { trigger: '.o_searchview_facet:contains("To Confirm")' },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "Why an order is blocked",
            trigger: '.o_rakuten_line:contains("SKU Without Product"):contains("1")',
            run: "click",
        },
        { trigger: '.o_data_row:contains("0000000002")' },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "The jobs and how they went",
            trigger: '.o_rakuten_line:contains("Import Orders")',
            run: "click",
        },
        { trigger: '.o_data_row:contains("orders found at Rakuten")' },
    ],
});
