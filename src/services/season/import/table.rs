//! A CSV file as rows of named cells: the header in any order, with or without a byte order mark, any line ends. What the
//! cells mean is left to `cells`.

use std::io::{Chain, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::told::Told;

/// The most characters a cell may have.
const LONGEST_CELL: usize = 200;

/// A column of a kind of file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What the template shows.
    pub example: &'static str,
    /// Whether a file must have it.
    pub required: bool,
}

impl Column {
    pub(in crate::services) const fn new(name: &'static str, example: &'static str) -> Self {
        Self { name, example, required: true }
    }

    pub(in crate::services) const fn optional(name: &'static str, example: &'static str) -> Self {
        Self { name, example, required: false }
    }
}

/// Why a file's header is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRefused {
    /// Nothing in it.
    #[error("the file is empty: its first line must name the columns (`daftari import --template KIND`)")]
    Empty,
    /// UTF-16, as some spreadsheets write "Unicode text".
    #[error("the file is UTF-16: save it as CSV UTF-8")]
    Utf16,
    /// Semicolons or tabs.
    #[error("the columns are separated by something else than commas: save it as CSV with commas")]
    NotCommas,
    /// Bytes that are no text.
    #[error("the header is not UTF-8: save the file as CSV UTF-8")]
    NotUtf8,
    /// A column of no meaning.
    #[error("there is no column {found:?}{}", hint(*.nearest))]
    Unknown {
        /// As it stands in the file.
        found: String,
        /// The known one that it looks like.
        nearest: Option<&'static str>,
    },
    /// The same column again.
    #[error("the column {0:?} is there twice")]
    Twice(&'static str),
    /// A column too few.
    #[error("the column {0:?} is missing")]
    Missing(&'static str),
    /// It can't be read at all.
    #[error("the file can't be read: {0}")]
    Unreadable(String),
}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// A file that is being read.
pub(in crate::services) struct Table<R> {
    reader: Reader<Chain<Cursor<Vec<u8>>, R>>,
    columns: &'static [Column],
    /// Where each column stands in the file.
    places: Vec<Option<usize>>,
    width: usize,
    record: ByteRecord,
    rows: u64,
}

/// One row.
#[derive(Debug, Clone)]
pub(in crate::services) struct Row {
    /// Its line, counted from 1 with the header.
    pub line: u64,
    columns: &'static [Column],
    cells: Vec<String>,
}

impl Row {
    /// What stands in a column, without blanks around it; empty where the file has no such column.
    pub fn get(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|known| known.name == column);
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }
}

impl<R: Read> Table<R> {
    /// Read the header.
    pub fn open(mut input: R, columns: &'static [Column]) -> Result<Self, HeaderRefused> {
        let unreadable = |error: &dyn std::error::Error| HeaderRefused::Unreadable(error.to_string());
        let mut start = Vec::new();
        input.by_ref().take(3).read_to_end(&mut start).map_err(|error| unreadable(&error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(HeaderRefused::Utf16);
        }
        if start == [0xef, 0xbb, 0xbf] {
            start.clear();
        }
        let input = Cursor::new(start).chain(input);
        // Rows of another length are told like other faults; the reader would stop at the first. Of `\r\n` it would count
        // the second half to the next line, so lines end at `\n` and the rest is trimmed like a blank.
        let mut reader =
            ReaderBuilder::new().flexible(true).terminator(Terminator::Any(b'\n')).from_reader(input);
        let header = reader.byte_headers().map_err(|error| unreadable(&error))?.clone();
        let places = places(&header, columns)?;
        Ok(Self { reader, columns, places, width: header.len(), record: ByteRecord::new(), rows: 0 })
    }

    /// How many bytes have been read.
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// How many rows there were so far, good and bad.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row that holds anything and can be read; what can't is told.
    pub fn next(&mut self, told: &mut Told) -> Result<Option<Row>, csv::Error> {
        while self.reader.read_byte_record(&mut self.record)? {
            let line = self.record.position().map_or(0, csv::Position::line);
            if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            self.rows += 1;
            if self.record.len() != self.width {
                let (cells, width) = (self.record.len(), self.width);
                told.fault(line, "", || {
                    format!(
                        "{cells} cells where the header has {width}; a comma in a cell needs quotes around it"
                    )
                });
                continue;
            }
            if let Some(cells) = self.cells(line, told) {
                return Ok(Some(Row { line, columns: self.columns, cells }));
            }
        }
        Ok(None)
    }

    fn cells(&self, line: u64, told: &mut Told) -> Option<Vec<String>> {
        let mut all = Some(Vec::with_capacity(self.columns.len()));
        for (column, place) in self.columns.iter().zip(&self.places) {
            let bytes = place.and_then(|place| self.record.get(place)).unwrap_or_default();
            match cell(bytes) {
                Ok(text) => all.as_mut().map_or((), |all| all.push(text.to_owned())),
                Err(reason) => {
                    told.fault(line, column.name, || reason.to_owned());
                    all = None;
                }
            }
        }
        all
    }
}

fn cell(bytes: &[u8]) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "this is not UTF-8: save the file as CSV UTF-8")?;
    let text = text.trim();
    if text.chars().any(unseen) {
        return Err("there is a character in it that can't be seen; type it again");
    }
    if text.chars().count() > LONGEST_CELL {
        return Err("this is longer than any cell should be; is a quote missing?");
    }
    Ok(text)
}

/// Control and bidirectional characters: they make a text look like another.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn places(header: &ByteRecord, columns: &'static [Column]) -> Result<Vec<Option<usize>>, HeaderRefused> {
    let named: Vec<String> = header
        .iter()
        .map(|name| std::str::from_utf8(name).map(|name| name.trim().to_ascii_lowercase()))
        .collect::<Result<_, _>>()
        .map_err(|_| HeaderRefused::NotUtf8)?;
    if named.iter().all(String::is_empty) {
        return Err(HeaderRefused::Empty);
    }
    if let [only] = named.as_slice()
        && only.contains([';', '\t'])
    {
        return Err(HeaderRefused::NotCommas);
    }
    let mut places = vec![None; columns.len()];
    for (place, name) in named.iter().enumerate() {
        let known = columns.iter().position(|column| column.name == name);
        let Some(known) = known else {
            let nearest = nearest(name, columns.iter().map(|column| column.name));
            return Err(HeaderRefused::Unknown { found: name.clone(), nearest });
        };
        match places.get_mut(known) {
            Some(free @ None) => *free = Some(place),
            _ => return Err(HeaderRefused::Twice(columns.get(known).map_or("", |column| column.name))),
        }
    }
    let missing = columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none());
    match missing {
        Some((column, _)) => Err(HeaderRefused::Missing(column.name)),
        None => Ok(places),
    }
}

/// The known word that a wrong one looks like, if any does.
pub(in crate::services) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let close = |known: &&str| strsim::damerau_levenshtein(wrong, known) <= wrong.chars().count().div_ceil(3);
    known.filter(close).min_by_key(|known| strsim::damerau_levenshtein(wrong, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::new("code", "1"), Column::new("name", "N"), Column::optional("practice", "no")];

    fn rows(text: &[u8]) -> (Vec<(u64, String, String)>, Told) {
        let mut table = Table::open(text, &COLUMNS).unwrap();
        let (mut told, mut rows) = (Told::default(), vec![]);
        while let Some(row) = table.next(&mut told).unwrap() {
            rows.push((row.line, row.get("code").to_owned(), row.get("name").to_owned()));
        }
        (rows, told)
    }

    fn refused(text: &[u8]) -> HeaderRefused {
        Table::open(text, &COLUMNS).err().unwrap()
    }

    #[test]
    fn columns_may_stand_in_any_order_and_lines_end_as_they_like() {
        let (rows, told) = rows(b"\xef\xbb\xbfName , CODE\r\n\"Moi, Girls\" , 1\r\n,,\r\nX,Y,Z\r\n\r\nB,2");
        assert_eq!(rows[0], (2, "1".to_owned(), "Moi, Girls".to_owned()));
        assert_eq!((rows.len(), rows[1].1.as_str()), (2, "2"));
        assert_eq!(told.faults(), 1, "a row of three cells is one too many");
    }

    #[test]
    fn a_header_that_is_wrong_says_what_to_do() {
        for (text, words) in [
            (&b"code,nmae"[..], "there is no column \"nmae\"; did you mean \"name\"?"),
            (b"code,salary", "there is no column \"salary\""),
            (b"code,code,name", "the column \"code\" is there twice"),
            (b"code", "the column \"name\" is missing"),
            (b"code;name", "save it as CSV with commas"),
            (b"\xff\xfec\0", "save it as CSV UTF-8"),
            (b"", "the file is empty"),
        ] {
            assert!(refused(text).to_string().contains(words), "{}", refused(text));
        }
    }

    #[test]
    fn a_cell_that_is_no_text_is_told_and_the_rows_after_it_are_read() {
        let (rows, told) = rows("code,name\n1,\u{202e}x\n2,ok\n".as_bytes());
        assert_eq!(rows.len(), 1);
        assert_eq!(told.first_faults()[0].column, "name");
        let (rows, told) = self::rows(b"code,name\n1,\xff\n2,ok\n");
        assert_eq!((rows.len(), told.faults()), (1, 1));
    }
}
