/** The covered sun behind what a page says first, drawn like an engraving. */
export function Sun() {
	return (
		<svg class="sun" viewBox="-200 -200 400 400" aria-hidden="true" focusable="false">
			<circle class="ray long" r="164" />
			<circle class="ray" r="140" />
			<circle class="disc" r="112" />
			<circle class="rim" r="112" />
		</svg>
	);
}
