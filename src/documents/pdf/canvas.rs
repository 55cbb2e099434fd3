//! A page to draw on, measured in points from its upper left corner.

use pdf_writer::{Content, Name, Str};

use super::letters::{Face, cut, encoded, width};

/// A4, landscape.
pub(super) const WIDE: f32 = 842.0;
pub(super) const HIGH: f32 = 595.0;

/// What the faces are called in a page's resources.
pub(super) const PLAIN: Name<'_> = Name(b"F1");
pub(super) const BOLD: Name<'_> = Name(b"F2");

/// A face at a size.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub(super) face: Face,
    pub(super) size: f32,
}

pub(super) fn plain(size: f32) -> Type {
    Type { face: Face::Plain, size }
}

pub(super) fn bold(size: f32) -> Type {
    Type { face: Face::Bold, size }
}

/// Where in its room a text stands.
#[derive(Clone, Copy)]
pub(super) enum Stands {
    Left,
    Middle,
    Right,
}

/// A rectangle of a page.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) wide: f32,
    pub(super) high: f32,
}

impl Area {
    pub(super) fn new(x: f32, y: f32, wide: f32, high: f32) -> Self {
        Self { x, y, wide, high }
    }
}

/// One page.
pub(super) struct Canvas(Content);

impl Canvas {
    pub(super) fn new() -> Self {
        Self(Content::new())
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.finish().to_vec()
    }

    /// A text that begins at `x`, its base line at `y`, cut to the room that it has.
    pub(super) fn text(&mut self, (x, y): (f32, f32), text: &str, of: Type, room: f32) {
        let text = cut(&encoded(text), of.face, of.size, room);
        self.show((x, y), &text, of, [1.0, 0.0, 0.0, 1.0]);
    }

    /// A text in a cell, in the middle of its height.
    pub(super) fn cell(&mut self, area: Area, text: &str, of: Type, stands: Stands) {
        const PADDING: f32 = 2.0;
        let room = area.wide - 2.0 * PADDING;
        let text = cut(&encoded(text), of.face, of.size, room);
        let spare = room - width(&text, of.face, of.size);
        let shift = match stands {
            Stands::Left => 0.0,
            Stands::Middle => spare / 2.0,
            Stands::Right => spare,
        };
        // The capitals of Helvetica are 0.72 of its size high.
        let y = area.y + area.high.midpoint(of.size * 0.72);
        self.show((area.x + PADDING + shift, y), &text, of, [1.0, 0.0, 0.0, 1.0]);
    }

    /// A text across the whole page, light, under everything that comes after it.
    pub(super) fn across(&mut self, text: &str) {
        let of = bold(96.0);
        let text = encoded(text);
        let (cos, sin) = (0.866, 0.5);
        let half = width(&text, of.face, of.size) / 2.0;
        let (x, y) = (WIDE / 2.0 - half * cos + 35.0 * sin, HIGH / 2.0 + half * sin + 35.0 * cos);
        self.0.set_fill_gray(0.9);
        self.show((x, y), &text, of, [cos, sin, -sin, cos]);
        self.0.set_fill_gray(0.0);
    }

    fn show(&mut self, (x, y): (f32, f32), text: &[u8], of: Type, turn: [f32; 4]) {
        let [right, up, left, down] = turn;
        let face = if of.face == Face::Bold { BOLD } else { PLAIN };
        self.0.begin_text().set_font(face, of.size);
        self.0.set_text_matrix([right, up, left, down, x, HIGH - y]).show(Str(text)).end_text();
    }

    pub(super) fn frame(&mut self, area: Area) {
        self.0.set_line_width(0.5).rect(area.x, HIGH - area.y - area.high, area.wide, area.high).stroke();
    }

    pub(super) fn fill(&mut self, area: Area, gray: f32) {
        self.0.set_fill_gray(gray).rect(area.x, HIGH - area.y - area.high, area.wide, area.high);
        self.0.fill_nonzero().set_fill_gray(0.0);
    }

    pub(super) fn line(&mut self, (from_x, from_y): (f32, f32), (to_x, to_y): (f32, f32)) {
        self.0.set_line_width(0.5).move_to(from_x, HIGH - from_y).line_to(to_x, HIGH - to_y).stroke();
    }
}
