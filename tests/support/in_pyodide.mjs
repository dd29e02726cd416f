// Runs programs in Pyodide, one after the other in one interpreter, and writes what became of each as JSON:
//
//     node in_pyodide.mjs PACKAGE JOB RESULTS
//
// PACKAGE is the folder of the npm package `pyodide`; JOB a file: {"archive": path, "programs": {name: text}, "given":
// {name: value}}. The archive (zip) is what is installed. RESULTS: {"python": version, "ran": {name: {"out", "error"}}}.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Node would show the line of it, which in Pyodide's own code has a megabyte.
for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => {
        process.stderr.write(String(error?.message ?? error).slice(-4000) + "\n" + String(error?.stack).slice(0, 300));
        process.exit(1);
    });
}

const [folder, jobFile, results] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
let lines = [];
const pyodide = await loadPyodide({ stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) });
const site = pyodide.runPython("import site; site.getsitepackages()[0]");
pyodide.unpackArchive(new Uint8Array(readFileSync(job.archive)), "zip", { extractDir: site });

const ran = {};
for (const [name, text] of Object.entries(job.programs)) {
    lines = [];
    const globals = pyodide.toPy({ __name__: "__main__", ...job.given });
    let error = null;
    try {
        await pyodide.runPythonAsync(text, { globals, filename: `${name}.py` });
    } catch (raised) {
        error = String(raised.message).slice(-4000);
    }
    ran[name] = { out: lines.join("\n"), error };
}
writeFileSync(results, JSON.stringify({ python: pyodide.runPython("import sys; sys.version"), ran }));
process.exit(0); // timers of what was cut off must not keep it
