/**
 * Opens screens of the web client one after another and lets axe-core look at them.
 *
 * Expects axe-core in the page. What is Odoo's own, and known, is forgiven by rule and selector.
 */
/* global axe, odoo */

const IMPACTS = ["serious", "critical"];

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(what, condition) {
    for (let tries = 0; tries < 600; tries++) {
        const found = condition();
        if (found) {
            return found;
        }
        await pause(50);
    }
    throw new Error(`${what} did not come`);
}

/**
 * @param {{name: string, action: Object, scope: string, foreign: boolean}[]} screens what is
 *     opened, the selector of the part that is judged there, and whether it is one of Odoo's
 * @param {{rule: string, selector: string, foreign: boolean, expected: boolean}[]} known faults of
 *     Odoo's own widgets: forgiven only on Odoo's screens if foreign; met somewhere if expected
 * @throws {Error} with a line for each fault, and for each known one that was not met
 */
async function audit(screens, known) {
    // What still fades in is hardly to be seen.
    document.head.append(
        Object.assign(document.createElement("style"), {
            textContent: "* { transition: none !important; animation: none !important; }",
        })
    );
    const { action: actions } = odoo.__WOWL_DEBUG__.root.env.services;
    const faults = new Set();
    const met = new Set();

    const look = async ({ name, scope, foreign }, page = "") => {
        await until(`Nothing loading on ${name}`, () => !document.querySelector(".o_loading_indicator, .o_blockUI"));
        await pause(100);
        const { violations } = await axe.run(
            { include: [[scope]], exclude: [[".o-mail-Form-chatter"]] },
            { resultTypes: ["violations"], elementRef: true }
        );
        for (const { id, impact, help, nodes } of violations) {
            if (!IMPACTS.includes(impact)) {
                continue;
            }
            for (const { element, any, all, none } of nodes) {
                const forgiven = known.find(
                    (own) =>
                        own.rule === id &&
                        element.matches(own.selector) &&
                        (foreign || !own.foreign)
                );
                if (forgiven) {
                    met.add(forgiven);
                    continue;
                }
                const html = element.cloneNode(false).outerHTML;
                const why = [...any, ...all, ...none].map(({ message }) => message).join(" ");
                faults.add(`${name} ${page}: ${help} (${id}, ${impact}): ${html} ${why}`);
            }
        }
    };

    for (const screen of screens) {
        const { name, action, scope } = screen;
        const previous = document.querySelector(".o_action_manager > *");
        await actions.doAction(action, { clearBreadcrumbs: action.target !== "new" });
        if (action.target !== "new") {
            await until(`The end of the screen before ${name}`, () => !previous?.isConnected);
        }
        await until(name, () => document.querySelector(scope));
        const pages = document.querySelector(scope).querySelectorAll(".o_notebook_headers .nav-link");
        await look(screen);
        for (const page of [...pages].slice(1)) {
            page.click();
            await look(screen, page.textContent.trim());
        }
        if (action.target === "new") {
            await actions.doAction({ type: "ir.actions.act_window_close" });
            await until(`The end of ${name}`, () => !document.querySelector(".modal"));
        }
    }
    const lines = [...faults];
    for (const own of known.filter((own) => own.expected && !met.has(own))) {
        lines.push(`Odoo has mended this, forgive it no longer: ${own.rule} ${own.selector}`);
    }
    if (lines.length) {
        throw new Error(lines.join("\n"));
    }
}
