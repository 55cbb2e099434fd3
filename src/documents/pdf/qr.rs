//! A code as a QR symbol.

use qrcodegen::{QrCode, QrCodeEcc};

use super::canvas::{Area, Canvas};

/// Draw a text as a QR symbol into a square, with the quiet zone that readers want. A text too long for any symbol
/// draws nothing.
pub(super) fn draw(canvas: &mut Canvas, area: Area, text: &str) {
    /// Modules of white around it (ISO/IEC 18004).
    const QUIET: i32 = 4;
    let Ok(symbol) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return };
    let size = symbol.size();
    // A symbol has 177 modules at most.
    let units = |modules: i32| f32::from(i16::try_from(modules).unwrap_or(0));
    let module = area.wide / units(size + 2 * QUIET);
    canvas.fill(area, 1.0);
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let dark = (x..size).take_while(|x| symbol.get_module(*x, y)).count();
            let run = i32::try_from(dark).unwrap_or(0);
            if run > 0 {
                let (left, top) = (units(x + QUIET) * module, units(y + QUIET) * module);
                canvas.fill(Area::new(area.x + left, area.y + top, units(run) * module, module), 0.0);
            }
            x += run.max(1);
        }
    }
}
