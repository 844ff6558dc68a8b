//! Names of countries, to tell a column of countries from one of cities.

use crate::import::matching::normalised;

const COUNTRIES: &str = "Afghanistan,Albania,Algeria,Andorra,Angola,Argentina,Armenia,Australia,Austria,Azerbaijan,Bahamas,\
Bahrain,Bangladesh,Barbados,Belarus,Belgium,Belize,Benin,Bhutan,Bolivia,Bosnia and Herzegovina,Botswana,Brazil,Brunei,\
Bulgaria,Burkina Faso,Burundi,Cambodia,Cameroon,Canada,Cape Verde,Chad,Chile,China,Colombia,Comoros,Congo,Costa Rica,\
Croatia,Cuba,Cyprus,Czechia,Czech Republic,Denmark,Djibouti,Dominica,Dominican Republic,Ecuador,Egypt,El Salvador,\
Equatorial Guinea,Eritrea,Estonia,Eswatini,Ethiopia,Fiji,Finland,France,Gabon,Gambia,Georgia,Germany,Ghana,Greece,\
Grenada,Guatemala,Guinea,Guyana,Haiti,Honduras,Hong Kong,Hungary,Iceland,India,Indonesia,Iran,Iraq,Ireland,Israel,Italy,\
Ivory Coast,Jamaica,Japan,Jordan,Kazakhstan,Kenya,Kiribati,Korea,North Korea,South Korea,Kosovo,Kuwait,Kyrgyzstan,Laos,\
Latvia,Lebanon,Lesotho,Liberia,Libya,Liechtenstein,Lithuania,Luxembourg,Macau,Madagascar,Malawi,Malaysia,Maldives,Mali,\
Malta,Mauritania,Mauritius,Mexico,Micronesia,Moldova,Monaco,Mongolia,Montenegro,Morocco,Mozambique,Myanmar,Namibia,Nauru,\
Nepal,Netherlands,New Zealand,Nicaragua,Niger,Nigeria,North Macedonia,Norway,Oman,Pakistan,Palau,Palestine,Panama,\
Papua New Guinea,Paraguay,Peru,Philippines,Poland,Portugal,Puerto Rico,Qatar,Romania,Russia,Rwanda,Samoa,San Marino,\
Saudi Arabia,Senegal,Serbia,Seychelles,Sierra Leone,Singapore,Slovakia,Slovenia,Solomon Islands,Somalia,South Africa,\
South Sudan,Spain,Sri Lanka,Sudan,Suriname,Sweden,Switzerland,Syria,Taiwan,Tajikistan,Tanzania,Thailand,Timor-Leste,Togo,\
Tonga,Trinidad and Tobago,Tunisia,Turkey,Türkiye,Turkmenistan,Tuvalu,Uganda,Ukraine,United Arab Emirates,UAE,\
United Kingdom,UK,Great Britain,England,Scotland,United States,United States of America,USA,US,Uruguay,Uzbekistan,\
Vanuatu,Vatican City,Venezuela,Vietnam,Yemen,Zambia,Zimbabwe,Deutschland,Österreich,Schweiz,Frankreich,Italien,Spanien";

/// True where most of the names are countries.
pub(super) fn are_countries<'v>(values: impl Iterator<Item = &'v str>) -> bool {
    let known: Vec<String> = COUNTRIES.split(',').map(normalised).collect();
    let (mut all, mut countries) = (0, 0);
    for value in values {
        all += 1;
        countries += usize::from(known.contains(&normalised(value)));
    }
    all > 0 && countries * 10 >= all * 7
}
