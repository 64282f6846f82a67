import type { Campaign } from "./campaign.ts";

/**
 * Counts this look at the page: its path, source and variant, and nothing of who looks. Of
 * a campaign it sends what a source or variant can come from.
 * Who asks by DNT or GPC not to be tracked is not even counted.
 */
export function countView(campaign: Campaign, variant: string | undefined): void {
	const asks = navigator as Navigator & { globalPrivacyControl?: boolean };
	if (navigator.doNotTrack === "1" || asks.globalPrivacyControl) return;
	const utm = { source: campaign["utm.source"], content: campaign["utm.content"] };
	navigator.sendBeacon("/api/views", JSON.stringify({ page: location.pathname, source: campaign.source, variant, utm }));
}
