import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** The SKUs that orders wait for: the first without a product stands open, the cursor in it. */
class SkuOfOrdersRenderer extends ListRenderer {
    setup() {
        super.setup();
        onMounted(async () => {
            const record = this.props.list.records.find(({ data }) => !data.product_id);
            if (!record || !this.isInlineEditable(record)) {
                return;
            }
            await this.props.list.enterEditMode(record);
            // A field draws itself after its row.
            for (let frame = 0; frame < 20; frame++) {
                await new Promise((drawn) => requestAnimationFrame(drawn));
                const input = this.tableRef.el?.querySelector(
                    ".o_selected_row td[name='product_id'] input"
                );
                if (input) {
                    input.focus();
                    break;
                }
            }
        });
    }
}

registry.category("views").add("rakuten_sku_of_orders", {
    ...listView,
    Renderer: SkuOfOrdersRenderer,
});
