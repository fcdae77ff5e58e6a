/**
 * Walks through the module's menus as a person with one role does: opens each, its first record, and
 * where that leads to.
 */
/* global odoo */

const ERROR = ".o_error_dialog";
const BUSY = ".o_loading_indicator, .o_blockUI";
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * @param {Object} role
 * @param {string[]} role.menus what the role sees, by their ids without the module
 * @param {Object[]} role.forms what is opened besides: [{model, id}]
 * @param {string[]} role.stay buttons that lead out of Odoo
 * @param {boolean} role.press whether to press the buttons that lead away from forms
 * @throws {Error} with a line for each fault
 */
async function walk({ menus, forms, stay, press }) {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const { action: actions, menu: menuService, orm } = services;
    const faults = [];
    let place = "";
    const asked = new Set();
    const fault = (text) => faults.push(`${place}: ${text}`);
    const { error: log } = console;
    console.error = (...texts) => fault(texts.join(" "));

    rpcBus.addEventListener("RPC:REQUEST", ({ detail: { data } }) => asked.add(data.id));
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail: { data, error } }) => {
        // What was asked before this began is no answer to anything of it.
        if (asked.delete(data.id) && error?.exceptionName) {
            fault(`${error.exceptionName} ${error.data?.message ?? error.message}`);
        }
    });

    /** Wait until nothing is asked of the server and nothing is drawn any more. */
    async function settle() {
        for (let tries = 0, quiet = 0; quiet < 3; tries++) {
            if (tries > 600) {
                throw new Error(`${place}: it does not come to rest`);
            }
            await pause(40);
            quiet = asked.size || document.querySelector(BUSY) ? 0 : quiet + 1;
        }
        const dialog = document.querySelector(ERROR);
        if (dialog) {
            fault(`a dialog says: ${dialog.textContent.replace(/\s+/g, " ").trim()}`);
            dialog.querySelector(".btn-primary, .btn-close").click();
            await pause(100);
        }
        for (const bar of document.querySelectorAll(".o_notification_bar.bg-danger")) {
            fault(`a notification says: ${bar.parentElement.textContent.trim()}`);
        }
    }

    async function leave(dialog) {
        await actions.doAction({ type: "ir.actions.act_window_close" });
        await settle();
        if (dialog.isConnected) {
            fault("its dialog does not close");
        }
    }

    /** @returns {Promise<string[]>} the names of the buttons that lead away from a form */
    async function open(model, id) {
        place = `${model} ${id}`;
        await actions.doAction(
            { type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]] },
            { clearBreadcrumbs: true }
        );
        await settle();
        const form = document.querySelector(".o_action_manager .o_form_view");
        if (!form?.querySelector(".o_field_widget")) {
            fault("its form is not there");
            return [];
        }
        const names = [];
        for (const button of form.querySelectorAll(".oe_stat_button[name], .o_dropdown_more [name]")) {
            names.push(button.getAttribute("name"));
        }
        return names.filter((name) => !stay.includes(name));
    }

    async function openRecord(model, id) {
        const names = await open(model, id);
        for (const name of press ? names : []) {
            const button = document.querySelector(`.o_form_view .oe_stat_button[name="${name}"]`);
            if (!button) {
                continue;
            }
            button.click();
            await settle();
            place = `${model} ${id} ${name}`;
            const dialog = document.querySelector(".modal");
            if (dialog) {
                await leave(dialog);
            } else if (!document.querySelector(".o_action_manager .o_view_controller")) {
                fault("it leads nowhere");
            }
            if (name !== names.at(-1)) {
                await open(model, id);
            }
        }
    }

    async function everything() {
        const mine = menuService
            .getAll()
            .filter(({ xmlid, actionID }) => actionID && xmlid?.startsWith("smartship_rakuten"))
            // The app's own menu opens what its first one opens.
            .filter(({ xmlid, appID, id }) => id !== appID)
            .sort((one, other) => one.xmlid.localeCompare(other.xmlid));
        const names = mine.map(({ xmlid }) => xmlid.split(".")[1]);
        if (names.join() !== [...menus].sort((a, b) => a.localeCompare(b)).join()) {
            faults.push(`The role sees other menus: ${names.join(" ")}`);
        }

        const opened = new Set();
        for (const menu of mine) {
            const name = menu.xmlid.split(".")[1];
            place = `${name} (${menu.name})`;
            await menuService.selectMenu(menu);
            await settle();
            const dialog = document.querySelector(".modal .o_form_view");
            if (dialog) {
                await leave(dialog);
                continue;
            }
            const content = document.querySelector(".o_action_manager .o_view_controller");
            const { action } = actions.currentController;
            if (!content || action.id !== menu.actionID) {
                fault("its screen is not there");
                continue;
            }
            const helper = content.querySelector(".o_view_nocontent");
            if (helper) {
                fault("there is nothing to look at");
            }
            if (helper || opened.has(action.res_model)) {
                continue;
            }
            if (action.views?.some(([, type]) => type === "form")) {
                opened.add(action.res_model);
                const [id] = await orm.search(action.res_model, [], { limit: 1 });
                await openRecord(action.res_model, id);
            }
        }
        for (const { model, id } of forms) {
            await openRecord(model, id);
        }
    }

    try {
        await everything();
    } catch ({ message }) {
        fault(message);
    } finally {
        console.error = log;
    }
    if (faults.length) {
        throw new Error(faults.join("\n"));
    }
}
