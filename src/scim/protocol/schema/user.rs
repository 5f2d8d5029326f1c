//! The attributes of a user (RFC 7643 section 4.1).

use super::attribute::{
    Attribute,
    Mutability::{ReadOnly, WriteOnly},
    Returned::Never,
};

const VALUE: Attribute = Attribute::text("value", "The value itself.");
const DISPLAY: Attribute = Attribute::text("display", "The value in a form for people.");
const PRIMARY: Attribute = Attribute::boolean("primary", "Whether this value is the preferred one. At most one value is.");
const TYPE: Attribute = Attribute::text("type", "What the value is for.");

const NAME: &[Attribute] = &[
    Attribute::text("formatted", "The full name as it is displayed."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "The middle names."),
    Attribute::text("honorificPrefix", "What stands before the name, such as \"Dr.\"."),
    Attribute::text("honorificSuffix", "What stands after the name, such as \"III\"."),
];

const EMAILS: &[Attribute] = &[
    Attribute::text("value", "An email address.").required_at_first(),
    DISPLAY,
    TYPE.values(&["work", "home", "other"]),
    PRIMARY,
];

const PHONE_NUMBERS: &[Attribute] = &[
    Attribute::text("value", "A phone number."),
    DISPLAY,
    TYPE.values(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];

const IMS: &[Attribute] = &[
    Attribute::text("value", "An address for instant messages."),
    DISPLAY,
    TYPE.values(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];

const PHOTOS: &[Attribute] = &[
    Attribute::reference("value", &["external"], "The address of a picture. Roster does not fetch it."),
    DISPLAY,
    TYPE.values(&["photo", "thumbnail"]),
    PRIMARY,
];

const ADDRESSES: &[Attribute] = &[
    Attribute::text("formatted", "The whole address as it is written on a letter."),
    Attribute::text("streetAddress", "The street and the number of the house."),
    Attribute::text("locality", "The city."),
    Attribute::text("region", "The state or region."),
    Attribute::text("postalCode", "The postal code."),
    Attribute::text("country", "The country by its code of ISO 3166-1 alpha-2."),
    TYPE.values(&["work", "home", "other"]),
    PRIMARY,
];

const GROUPS: &[Attribute] = &[
    Attribute::text("value", "The id of the group.").case_exact().mutability(ReadOnly),
    Attribute::reference("$ref", &["Group"], "The address of the group.").mutability(ReadOnly),
    Attribute::text("display", "The name of the group.").mutability(ReadOnly),
    Attribute::text("type", "How the user belongs to the group.")
        .values(&["direct"])
        .mutability(ReadOnly),
];

const PLAIN: &[Attribute] = &[VALUE, DISPLAY, TYPE, PRIMARY];

const CERTIFICATES: &[Attribute] = &[
    Attribute::binary("value", "A certificate in DER, encoded in Base64."),
    DISPLAY,
    TYPE,
    PRIMARY,
];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("userName", "The name by which the provider knows the user, unique ignoring case.")
        .required()
        .unique(),
    Attribute::complex("name", NAME, "The parts of the user's name."),
    Attribute::text("displayName", "The name that is shown to others."),
    Attribute::text("nickName", "The name by which others call the user."),
    Attribute::reference("profileUrl", &["external"], "The address of a page about the user."),
    Attribute::text("title", "The user's job title."),
    Attribute::text("userType", "The user's relation to the organization, such as \"Employee\"."),
    Attribute::text("preferredLanguage", "The languages that the user prefers, as in the header Accept-Language."),
    Attribute::text("locale", "The user's locale for dates and numbers, such as \"en-US\"."),
    Attribute::text("timezone", "The user's time zone by its IANA name, such as \"Europe/Berlin\"."),
    Attribute::boolean("active", "Whether the user is enabled. A new user is, if it is not sent.").required(),
    Attribute::text("password", "Accepted and ignored: Roster does not store it.")
        .mutability(WriteOnly)
        .returned(Never),
    Attribute::list("emails", EMAILS, "The user's email addresses. A userName that is an address counts as one.").required_at_first(),
    Attribute::list("phoneNumbers", PHONE_NUMBERS, "The user's phone numbers."),
    Attribute::list("ims", IMS, "The user's addresses for instant messages."),
    Attribute::list("photos", PHOTOS, "The addresses of the user's pictures."),
    Attribute::list("addresses", ADDRESSES, "The user's postal addresses."),
    Attribute::list("groups", GROUPS, "The groups to which the user belongs.").mutability(ReadOnly),
    Attribute::list("entitlements", PLAIN, "What the user is entitled to, in the provider's words."),
    Attribute::list("roles", PLAIN, "The user's roles, in the provider's words."),
    Attribute::list("x509Certificates", CERTIFICATES, "The user's certificates."),
];
