//! Names in Latin letters, grouped by how they are composed. An underscore stands for a space.

use super::tradition::{Order, Tradition};

const fn names(share: u32, order: Order, given: &'static str, family: &'static str) -> Tradition {
    Tradition { share, order, given, family }
}

pub(super) const LATIN: &[Tradition] = &[
    // English, Welsh and Scottish
    names(
        230,
        Order::Western,
        "Olivia Jack Amelia Harry Charlotte George Emily Oscar Grace Thomas Alice William Hannah Edward Lucy Henry Sophie Samuel Jessica Daniel
         Megan Rhys Carys Gareth Fiona Callum Isla Angus Jo Max Ruth Peter Joan Hugh Edith Neil Dorothy Simon Beatrice Wyatt Savannah Tyler Brooke Ethan",
        "Smith Taylor Brown Wilson Evans Thomas Johnson Roberts Walker Wright Robinson Thompson White Hughes Edwards Green Hall Wood Harris Clarke
         Jackson Turner Hill Cooper Ward Morris Moore Clark Baker Harrison Parker Bennett Cook Shaw Griffiths MacDonald McAllister Campbell Featherstonehaugh
         Llewellyn Ng Wu Blackwood Ashworth Holloway Thistlethwaite",
    ),
    // German, Austrian, Swiss
    names(
        75,
        Order::Western,
        "Anna Lukas Lea Felix Jürgen Käthe Günther Björn Hannelore Matthias Sabine Jörg Annemarie Florian Ute Götz Heike Maximilian Friederike Uwe Änne Rüdiger",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schäfer Koch Bauer Schröder Köhler König Krüger Voß Weiß Größner Brüggemann
         von_der_Heide zu_Hohenfels Hölzl Ackermann Zürcher Löwenstein Straßburger",
    ),
    // French
    names(
        65,
        Order::Western,
        "Élodie Lucas Chloé Hugo Zoé Théo Anaïs François Hélène Benoît Gaëlle Noël Cécile Jérôme Maëlys Raphaël Agnès Marie-Claire Jean-Baptiste Anne-Sophie Loïc",
        "Martin Bernard Dubois Durand Leroy Moreau Lefèvre Mercier Rousseau Gauthier Chevalier François Lemaître Bénard Hervé d’Aubigny
         de_La_Fontaine Du_Châtelet Château L’Hôpital Beauséjour Guérin Çelik",
    ),
    // Spanish
    names(
        85,
        Order::Iberian,
        "María Lucía Hugo Martín Sofía Andrés José_Luis María_Ángeles Begoña Iñaki Álvaro Inés Raúl Nuria Ximena Joaquín Óscar Concepción Íñigo Mónica Jesús",
        "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Jiménez Hernández Muñoz Álvarez Núñez Ibáñez Echeverría Zúñiga
         de_la_Cruz del_Castillo Ordóñez Peña Yáñez Goikoetxea Calderón",
    ),
    // Portuguese and Brazilian
    names(
        60,
        Order::Iberian,
        "João Maria Beatriz Tiago Inês Gonçalo Antônio Luíza Thaís Caetano Conceição Fábio Simão Mafalda Rui Leonor Vitória Otávio Célia Ana_Beatriz",
        "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Fernandes Gonçalves Araújo Simões Magalhães Guimarães Brandão Falcão
         da_Conceição dos_Reis de_Assunção Queirós Leitão Mourão",
    ),
    // Families that keep every one of their names
    names(
        4,
        Order::Iberian,
        "Maria_Leopoldina_Carolina Pedro_Alexandrino_Xavier Isabel_Francisca_de_Assis Bartolomeu_João_Nepomuceno María_de_los_Ángeles_Guadalupe",
        "de_Albuquerque_e_Vasconcelos Cavalcanti_de_Figueiredo Fernández_de_Córdoba_y_Mendoza de_Sousa_Coutinho Ruiz_de_Villaescusa",
    ),
    // Italian
    names(
        40,
        Order::Western,
        "Giulia Marco Chiara Luca Niccolò Francesca Matteo Beatrice Giosuè Alessandra Nicolò Ilaria Davide Noemi Pier_Paolo Maria_Vittoria",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco D’Angelo De_Luca Dell’Acqua Lo_Presti Di_Benedetto Cantù Nicolò Forlì",
    ),
    // Dutch and Flemish
    names(
        30,
        Order::Western,
        "Sanne Daan Lotte Bram Fleur Sem Anouk Joost Maartje Pim Saskia Wouter Femke Thijs Noor Ruben",
        "de_Jong Jansen de_Vries van_den_Berg van_Dijk Bakker Visser Smit Meijer de_Boer Mulder van_der_Meer ’t_Hart Zijlstra van_’t_Hoff Coëlho Smeets Vermeulen",
    ),
    // Swedish, Danish, Norwegian
    names(
        45,
        Order::Western,
        "Astrid Lars Ingrid Søren Åsa Jørgen Bjørn Märta Göran Kåre Sigrid Håkon Lærke Østen Freja Anders Maja Øyvind Ylva Åge",
        "Hansen Johansson Andersen Nilsson Jørgensen Lindström Sjöberg Åkesson Østergård Bjørnstad Kjær Nygård Sørensen Lundqvist Ødegård Ström Hägglund Bæk",
    ),
    // Finnish and Estonian
    names(
        12,
        Order::Western,
        "Aino Väinö Päivi Jukka Sini Tõnu Kristjan Eeva Yrjö Hilja Heikki Külli",
        "Virtanen Mäkinen Hämäläinen Järvinen Nieminen Lehtonen Pöyhönen Tamm Põld Õunapuu Kääriäinen",
    ),
    // Polish women, Polish men: the family name agrees
    names(
        25,
        Order::Western,
        "Zofia Małgorzata Agnieszka Elżbieta Jadwiga Wiesława Świętosława Łucja Żaneta Katarzyna Grażyna Stanisława",
        "Kowalska Wiśniewska Lewandowska Zielińska Szymańska Dąbrowska Wójcik Kaźmierczak Kozłowska Jabłońska Ślęzak Żółkiewska",
    ),
    names(
        25,
        Order::Western,
        "Jan Łukasz Paweł Michał Krzysztof Grzegorz Wojciech Sławomir Józef Świętopełk Bartłomiej Tadeusz",
        "Kowalski Wiśniewski Lewandowski Zieliński Szymański Dąbrowski Wójcik Kaźmierczak Kozłowski Brzęczyszczewski Ślęzak Żółkiewski",
    ),
    // Czech and Slovak women, men
    names(8, Order::Western, "Tereza Jiřina Kateřina Ľudmila Anežka Božena Žofia", "Nováková Svobodová Dvořáková Černá Procházková Kučerová Příhodová Ďuricová"),
    names(8, Order::Western, "Jiří Ondřej Tomáš Matěj Ľubomír Vojtěch Řehoř", "Novák Svoboda Dvořák Černý Procházka Kučera Příhoda Ďurica"),
    // Hungarian: the family name comes first
    names(10, Order::FamilyFirst, "László Zsófia Ágnes Győző Erzsébet Ödön Kálmán Réka Ilona", "Nagy Kovács Tóth Szabó Horváth Kőszegi Fülöp Örkény Ürmös Székely"),
    names(10, Order::Western, "Ioana Ștefan Andreea Răzvan Ileana Traian Cătălina Mădălin", "Popescu Ionescu Șerban Țîrlea Dumitrașcu Rădulescu Brâncoveanu Mureșan"),
    names(10, Order::Western, "Đorđe Milica Željko Nataša Šime Ana Žarko Dušanka Hrvoje", "Horvat Jovanović Šimić Đukić Kovačević Petrović Žižek Čavić Krnjević"),
    names(6, Order::Western, "Jūratė Ąžuolas Žydrūnas Ieva Kārlis Līga Ģirts Eglė", "Kazlauskas Bērziņš Žukauskaitė Ķīsis Ozoliņa Šimkus Čepaitytė"),
    names(
        25,
        Order::Western,
        "Ayşe Mehmet Çağla İbrahim Gülşen Oğuzhan Şebnem Ümit Zeynep Işıl Tuğba Özgür Yiğit Nurgül",
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Güneş Işık Şimşek",
    ),
    names(
        30,
        Order::FamilyFirst,
        "Thị_Hương Văn_Đức Minh_Châu Quang_Huy Thị_Ngọc_Ánh Đình_Phúc Thùy_Dương Hữu_Nghĩa Bảo_Trân Tuấn_Kiệt Thị_Tuyết_Mai Gia_Hân",
        "Nguyễn Trần Lê Phạm Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
    ),
    // Icelandic: daughters and sons of a first name, never a family's
    names(6, Order::Plain, "Guðrún Þórdís Sigríður Björk Ragnheiður Hrafnhildur Ásdís Æsa", "Jónsdóttir Guðmundsdóttir Þorsteinsdóttir Ólafsdóttir Einarsdóttir Ægisdóttir Snæbjörnsdóttir"),
    names(6, Order::Plain, "Þór Ólafur Sigurður Ásgeir Guðmundur Eiríkur Snæbjörn Örn", "Jónsson Guðmundsson Þorsteinsson Ólafsson Sigurðsson Kristjánsson Ásgeirsson"),
    names(12, Order::Western, "Aoife Seán Niamh Oisín Caoimhe Pádraig Sadhbh Tadhg Gráinne Cillian", "O’Brien Ó_Súilleabháin Ní_Dhomhnaill Mac_Giolla Nic_Gabhann Murphy O’Sullivan Byrne Ó_hUallacháin"),
    names(15, Order::Western, "Adébáyọ̀ Chinyere Olúwáṣeun Ngozi Ìyábọ̀ Emeka Títílayọ̀ Chukwuemeka Abẹ́ní Ifeoma", "Okonkwo Adéyẹmí Nwosu Ọláńrewájú Eze Akínwándé Babátúndé Okoro Ṣówándé"),
    names(8, Order::Plain, "Wanjiru Otieno Zawadi Baraka Nyambura Amani Thandiwe Sipho Nomvula Kwame Akosua Kofi", "Kamau Mwangi Odhiambo Njoroge Dlamini Nkosi Mensah Owusu Ndlovu Wambui"),
    names(3, Order::Plain, "Kaʻiulani Keanu Noelani Kawika Leilani Tāne Mere Hēmi", "Kealoha Kahananui ʻŌpūnui Parāone Waititi Kamakaʻāla"),
    // Many people in Java have one name
    names(10, Order::Single, "Suharti Budiono Wulandari Sukarman Kartini Slamet Ningsih Widodo Sri Paijo", ""),
    names(12, Order::Plain, "Putri Agus Dewi Rizky Intan Bayu Nur_Aisyah Muhammad_Iqbal", "Santoso Wijaya Siregar Hutapea Kusuma Pratama binti_Abdullah bin_Ismail"),
    names(
        50,
        Order::Western,
        "Priya Rahul Ananya Vikram Lakshmi Arjun Kavita Sanjay Meera Rohan Deepika Karthik Fatima Imran Harpreet Gurpreet",
        "Sharma Patel Singh Kumar Iyer Nair Reddy Banerjee Mukherjee Khan Hussain Subramanian Chattopadhyay Venkataraghavan Kaur Fernando",
    ),
    names(25, Order::Western, "Wei Li Mei Jun Yuki Kenji Min-jun Seo-yeon Haruka Xiu Jia Tao", "Zhang Chen Liu Yang Tanaka Suzuki Kim Park Lee Lin Huang Yoshida O Xu"),
];
