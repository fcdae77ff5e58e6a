import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** The SKUs that orders wait for: the first without a product stands open, the cursor in it. */
class SkuOfOrdersRenderer extends ListRenderer {
    setup() {
        super.setup();
        onMounted(() => {
            const record = this.props.list.records.find(({ data }) => !data.product_id);
            const column = this.columns.find(({ name }) => name === "product_id");
            if (record && column && this.isInlineEditable(record)) {
                this.onCellClicked(record, column, { target: {} });
            }
        });
    }
}

registry.category("views").add("rakuten_sku_of_orders", {
    ...listView,
    Renderer: SkuOfOrdersRenderer,
});
