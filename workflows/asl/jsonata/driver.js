// Evaluates JSONata within Step Functions' bounds. The two hooks are the ones that
// jsonata offers for that purpose; AWS's bounds are those of the JSONata Exerciser's
// time box with a depth of 100, and its texts.
(function (jsonata, maxDepth, maxElements, maxPadding, memoryText, functions) {
	"use strict";
	let depth = 0;

	// goja's toPrecision drops the sign and the digits of a negative number that rounds
	// up to a power of ten; $string is written with it.
	const toPrecision = Number.prototype.toPrecision;
	Number.prototype.toPrecision = function (digits) {
		return this < 0 ? "-" + toPrecision.call(-this, digits) : toPrecision.call(this, digits);
	};

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
				throw { message: memoryText };
			}
		}
		if (environment.isParallelCall) return;
		depth--;
	}

	function fault(err) {
		if (err === null || typeof err !== "object") return { message: String(err) };
		return { code: err.code, message: err.message };
	}

	// AWS bounds what $pad adds, in characters: the one function it was recorded to bound.
	const own = Object.assign({}, functions);
	jsonata("$pad").evaluate().then((native) => {
		own.pad = Object.assign({}, native, {
			implementation: function (str, width, char) {
				if (typeof str === "string" && Math.abs(width) > maxPadding && Math.abs(width) - Array.from(str).length > maxPadding) {
					throw { message: memoryText };
				}
				return native.implementation.call(this, str, width, char);
			},
		});
	});

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
			for (const name in own) {
				expression.assign(name, own[name]);
			}
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
