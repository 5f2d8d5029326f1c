//! Names in non-Latin scripts, each with its Latin form for an address.

use super::tradition::{Order, Tradition};

const fn names(share: u32, order: Order, given: &'static str, family: &'static str) -> Tradition {
    Tradition { share, order, given, family }
}

pub(super) const SCRIPTS: &[Tradition] = &[
    // Arabic
    names(
        12,
        Order::Plain,
        "محمد=mohammed فاطمة=fatima أحمد=ahmad مريم=maryam يوسف=yusuf ليلى=layla عمر=omar نور=nour عبد_الرحمن=abdulrahman زينب=zainab",
        "الحسيني=alhusseini المصري=almasri بن_سعيد=binsaid الخطيب=alkhatib حداد=haddad النجار=alnajjar الأندلسي=alandalusi قاسم=qasim",
    ),
    // Persian and Urdu
    names(
        4,
        Order::Plain,
        "پریسا=parisa کوروش=kourosh گلناز=golnaz ژاله=zhaleh بهزاد=behzad",
        "کریمی=karimi رضایی=rezaei چوپانی=choupani پارسا=parsa",
    ),
    // Hebrew
    names(
        6,
        Order::Plain,
        "נועה=noa דוד=david תמר=tamar איתן=eitan שירה=shira יוסף=yosef רחל=rachel",
        "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz בן_דוד=bendavid אברהם=avraham",
    ),
    // Hindi and Marathi
    names(
        8,
        Order::Plain,
        "प्रिया=priya राहुल=rahul अनन्या=ananya विक्रम=vikram मीरा=meera कृष्णा=krishna",
        "शर्मा=sharma वर्मा=varma सिंह=singh कुलकर्णी=kulkarni मिश्रा=mishra देशपांडे=deshpande",
    ),
    // Bengali, Tamil, Sinhala
    names(
        5,
        Order::Plain,
        "তানিয়া=tania রফিক=rafiq সুমাইয়া=sumaiya অনিন্দ্য=anindya",
        "চৌধুরী=chowdhury রহমান=rahman মুখোপাধ্যায়=mukhopadhyay দাস=das",
    ),
    names(
        4,
        Order::Plain,
        "கவிதா=kavitha முருகன்=murugan செல்வி=selvi கார்த்திக்=karthik",
        "சுப்பிரமணியம்=subramaniam இராஜேந்திரன்=rajendran நாகராஜன்=nagarajan",
    ),
    names(
        2,
        Order::Plain,
        "නිමල්=nimal සඳුනි=sanduni කුමාර=kumara",
        "පෙරේරා=perera ජයවර්ධන=jayawardena විජේසිංහ=wijesinghe",
    ),
    // Thai
    names(
        6,
        Order::Plain,
        "สมชาย=somchai กนกวรรณ=kanokwan ณัฐพล=nattapol พิมพ์ชนก=pimchanok อรุณ=arun",
        "ใจดี=jaidee ศรีสุวรรณ=srisuwan วงศ์ประเสริฐ=wongprasert พัฒนกิจเจริญ=pattanakitcharoen",
    ),
    // Chinese, without a space between the names
    names(
        14,
        Order::Joined,
        "伟=wei 娜=na 秀英=xiuying 敏=min 静=jing 建国=jianguo 丽=li 志强=zhiqiang 雨桐=yutong 浩然=haoran 子涵=zihan 磊=lei",
        "王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 赵=zhao 黄=huang 周=zhou 吴=wu 欧阳=ouyang 司马=sima",
    ),
    // Japanese
    names(
        12,
        Order::FamilyFirst,
        "さくら=sakura 健太=kenta 美咲=misaki 翔=sho 陽子=yoko 大輔=daisuke 結衣=yui マリア=maria 太郎=taro 葵=aoi",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡邊=watanabe 山本=yamamoto 小林=kobayashi 長谷川=hasegawa 東=azuma",
    ),
    // Korean
    names(
        10,
        Order::Joined,
        "민준=minjun 서연=seoyeon 지우=jiwoo 하은=haeun 도윤=doyun 은영=eunyoung 철수=cheolsoo 솔=sol",
        "김=kim 이=lee 박=park 최=choi 정=jung 강=kang 윤=yoon 남궁=namgung",
    ),
    // Russian women, men: given name, father's name and family name agree
    names(
        8,
        Order::Plain,
        "Анна_Сергеевна=anna Ольга=olga Екатерина_Павловна=ekaterina Наталья=natalia Юлия_Игоревна=yulia",
        "Иванова=ivanova Смирнова=smirnova Кузнецова=kuznetsova Щербакова=shcherbakova Ёлкина=yolkina",
    ),
    names(
        8,
        Order::Plain,
        "Александр=aleksandr Дмитрий_Олегович=dmitry Сергей=sergey Пётр_Ильич=pyotr Михаил=mikhail",
        "Иванов=ivanov Смирнов=smirnov Кузнецов=kuznetsov Щукин=shchukin Рождественский=rozhdestvensky",
    ),
    // Ukrainian, Bulgarian, Serbian
    names(
        6,
        Order::Plain,
        "Оксана=oksana Андрій=andriy Юлія=yuliia Їва=yiva Соломія=solomiia Ганна=hanna",
        "Шевченко=shevchenko Коваленко=kovalenko Бондаренко=bondarenko Гнатюк=hnatiuk",
    ),
    names(
        4,
        Order::Plain,
        "Георги=georgi Ђорђе=djordje Љубица=ljubica Цветелина=tsvetelina",
        "Димитров=dimitrov Јовановић=jovanovic Ђурђевић=djurdjevic Стоянова=stoyanova",
    ),
    // Greek
    names(
        6,
        Order::Plain,
        "Ελένη=eleni Γιώργος=giorgos Μαρία=maria Σωκράτης=sokratis Ιωάννα=ioanna Θεόδωρος=theodoros",
        "Παπαδόπουλος=papadopoulos Νικολάου=nikolaou Οικονόμου=oikonomou Χατζηγεωργίου=chatzigeorgiou",
    ),
    // Georgian, Armenian
    names(
        4,
        Order::Plain,
        "ნინო=nino გიორგი=giorgi თამარ=tamar ლაშა=lasha",
        "ბერიძე=beridze კაპანაძე=kapanadze ჯაფარიძე=japaridze წერეთელი=tsereteli",
    ),
    names(
        3,
        Order::Plain,
        "Անի=ani Տիգրան=tigran Նարե=nare Հայկ=hayk",
        "Պետրոսյան=petrosyan Հակոբյան=hakobyan Գրիգորյան=grigoryan",
    ),
    // Ethiopic: the second name is the father's
    names(
        4,
        Order::Plain,
        "ሰላም=selam ዳዊት=dawit ሜሮን=meron ገብረመድኅን=gebremedhin",
        "ተስፋዬ=tesfaye አበበ=abebe ኃይለማርያም=hailemariam በቀለ=bekele",
    ),
    // Khmer, Burmese, and Mongolian in Cyrillic
    names(3, Order::Plain, "សុខា=sokha បុប្ផា=bopha မြင့်=myint သီတာ=thida", "ច័ន្ទ=chan ကျော်=kyaw အောင်=aung"),
    names(2, Order::Plain, "Бат-Эрдэнэ=bat Оюунчимэг=oyuunchimeg", "Ганболд=ganbold Цэрэндорж=tserendorj"),
];
