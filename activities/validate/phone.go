package validate

import "github.com/nyaruka/phonenumbers"

// homeRegion is whose numbers may be written without a country code.
const homeRegion = "BR"

// phone gives a telephone number in E.164 by the metadata of libphonenumber. It
// refuses numbers that no plan has, and extensions, which E.164 cannot hold.
func phone(typed string) (e164 string, ok bool) {
	number, err := phonenumbers.Parse(typed, homeRegion)
	if err != nil || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "" {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}
