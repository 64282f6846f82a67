// The functions that Step Functions adds to JSONata. What they answer to missing,
// undefined and misplaced arguments is what AWS was measured to answer (floci-io/floci
// issue 2662 and pull request 2676, 2026-08; iwamot/sfnx, 2026-09). They check their
// arguments themselves: jsonata's signatures do not tell "undefined" from "missing".
(function (host, maxRange, memoryText) {
	"use strict";

	function mismatch(name, index) {
		return { code: "T0410", token: name, index: index };
	}

	function failure(message) {
		return { code: "D3137", message: message };
	}

	// check throws for the first argument that has the wrong type, is missing although
	// required, or is one too many. Undefined passes for any type.
	function check(name, args, types, required) {
		for (let i = 0; i < types.length; i++) {
			if (i >= args.length) {
				if (i < required) throw mismatch(name, i + 1);
			} else if (args[i] !== undefined && types[i] !== null && typeof args[i] !== types[i]) {
				throw mismatch(name, i + 1);
			}
		}
		if (args.length > types.length) throw mismatch(name, types.length + 1);
	}

	// whole is Java's cast of a double to a long: toward zero, and within its range.
	function whole(n) {
		if (n !== n) return 0;
		return Math.max(-0x8000000000000000, Math.min(0x8000000000000000, Math.trunc(n))) + 0;
	}

	const algorithms = ["SHA-1", "SHA-384", "SHA-256", "SHA-512", "MD5"];

	const functions = {
		parse: function (text) {
			check("parse", arguments, ["string"], 0);
			if (text === undefined) return undefined;
			const value = host.parse(text);
			if (value === undefined) throw failure("Invalid JSON");
			return value;
		},

		partition: function (items, size) {
			if (items !== undefined && !Array.isArray(items)) {
				throw { code: "T0412", token: "partition", index: 1 };
			}
			check("partition", arguments, [null, "number"], 0);
			if (items === undefined) return undefined;
			if (size === undefined) return [items];
			const step = whole(size);
			if (step < 0) throw failure("Second argument must be zero or greater");
			if (step === 0 || items.length === 0) return undefined;
			const chunks = [];
			for (let i = 0; i < items.length; i += step) {
				chunks.push(items.slice(i, i + step));
			}
			return chunks;
		},

		// Its result is a sequence: nothing for none, and the one number for one.
		range: function (first, last, step) {
			check("range", arguments, ["number", "number", "number"], 2);
			if (first === undefined || last === undefined || step === undefined) return undefined;
			const from = whole(first), by = whole(step);
			if (by === 0) return undefined;
			const count = Math.floor((whole(last) - from) / by) + 1;
			if (count < 1) return undefined;
			if (count > maxRange) throw { message: memoryText };
			if (count === 1) return from;
			const numbers = [];
			for (let i = 0; i < count; i++) {
				numbers.push(from + i * by);
			}
			return numbers;
		},

		hash: function (text, algorithm) {
			check("hash", arguments, ["string", "string"], 1);
			if (text === undefined || arguments.length < 2) return undefined;
			if (algorithms.indexOf(algorithm) < 0) {
				throw failure("Hash algorithm '" + (algorithm === undefined ? "null" : algorithm) + "' must be one of " + algorithms.join(", "));
			}
			return host.hash(text, algorithm);
		},

		random: function (seed) {
			check("random", arguments, ["number"], 0);
			return seed === undefined ? Math.random() : host.random(whole(seed));
		},

		uuid: function () {
			check("uuid", arguments, [], 0);
			return host.uuid();
		},
	};
	const bound = {};
	for (const name in functions) {
		bound[name] = { _jsonata_function: true, implementation: functions[name] };
	}
	return bound;
})
