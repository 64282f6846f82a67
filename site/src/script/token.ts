/** A reference of a lead or a protocol: letters and digits without 0, O, 1 and I. */
export const shape = /^(NG|RQ)-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/;
