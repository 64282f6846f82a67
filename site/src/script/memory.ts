// What a tab remembers until it is closed. A browser may refuse to store anything; the
// pages work without.

export function recall<T>(name: string): T | undefined {
	try {
		const text = sessionStorage.getItem(`nigredo.${name}`);
		return text ? JSON.parse(text) : undefined;
	} catch {
		return undefined;
	}
}

export function remember(name: string, value: unknown): void {
	try {
		sessionStorage.setItem(`nigredo.${name}`, JSON.stringify(value));
	} catch {
		// Full or forbidden: a reload then begins anew.
	}
}

export function forget(name: string): void {
	try {
		sessionStorage.removeItem(`nigredo.${name}`);
	} catch {
		// As above.
	}
}
