// Who answers for the data and for security, as the pages name them (LGPD, arts. 9 and
// 41). The officer is filled in here, once there is one; until then the notice leads to
// the request form.

export interface Officer {
	name: string;
	email: string;
}

export const controller = "alquimista.ai";
export const officer: Officer | undefined = undefined;
export const securityContact = "security@alquimista.ai";
