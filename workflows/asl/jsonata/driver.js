// Evaluates JSONata within Step Functions' bounds. The two hooks are the ones that
// jsonata offers for that purpose; AWS's bounds are those of the JSONata Exerciser's
// time box with a depth of 100, and its texts.
(function (jsonata, maxDepth, maxElements) {
	"use strict";
	let depth = 0;

	function enter(expr, input, environment) {
		if (environment.isParallelCall) return;
		if (++depth > maxDepth) {
			throw { message: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive" };
		}
	}

	function leave(expr, input, environment, result) {
		if (result !== null && result !== undefined && result.length > maxElements) {
			const units = Array.isArray(result) ? 1 : typeof result === "string" ? 8 : Infinity;
			if (result.length > maxElements * units) {
				throw { message: "Expression evaluation memory limit exceeded: Check for excessive memory usage" };
			}
		}
		if (environment.isParallelCall) return;
		depth--;
	}

	function fault(err) {
		if (err === null || typeof err !== "object") return { message: String(err) };
		return { code: err.code, message: err.message };
	}

	return {
		compile: function (text) {
			let expression;
			try {
				expression = jsonata(text);
			} catch (err) {
				return { fault: fault(err) };
			}
			const ast = JSON.stringify(expression.ast(), (key, value) => key === "position" ? undefined : value);
			expression.assign("eval", undefined);
			expression.assign(Symbol.for("jsonata.__evaluate_entry"), enter);
			expression.assign(Symbol.for("jsonata.__evaluate_exit"), leave);
			return { expression, ast };
		},
		evaluate: function (expression, bindings) {
			const outcome = {};
			depth = 0;
			expression.evaluate(undefined, bindings).then(
				(value) => { outcome.value = value; },
				(err) => { outcome.fault = fault(err); });
			return outcome;
		},
	};
})
