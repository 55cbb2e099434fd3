//! What another process may change while we serve: the key file (`keys rotate`) and the folder of the menus. Both are
//! looked at every few seconds, and at once on SIGHUP.

use std::time::Duration;

use crate::app::App;

/// How often it looks. `services::key_rotation::SPREAD` must be more than twice this.
const LOOK: Duration = Duration::from_secs(3);

/// Look until this life is softly stopped.
pub async fn run(app: App) {
    let soft = app.lifecycle.soft().clone();
    let mut hangups = app.lifecycle.reloads();
    // A broken version is complained about once, not every few seconds.
    let mut complained = String::new();
    loop {
        tokio::select! {
            () = soft.cancelled() => return,
            _ = hangups.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        keys(&app).await;
        menus(&app, &mut complained).await;
    }
}

async fn keys(app: &App) {
    let keys = app.deps.keys.clone();
    match tokio::task::spawn_blocking(move || keys.reload_if_changed()).await {
        Ok(Ok(true)) => tracing::info!("The key file has changed and was read again"),
        Ok(Err(error)) => {
            tracing::error!("The key file has changed and can't be read; the old keys stay: {error}");
        }
        _ => {}
    }
}

async fn menus(app: &App, complained: &mut String) {
    let Some(dir) = &app.config.menus.dir else { return };
    match app.menus.reload(dir).await {
        Ok(changed) => {
            complained.clear();
            if changed {
                tracing::info!(menus = app.menus.current().version, "New calls begin with the changed menus");
            }
        }
        Err(error) => {
            let says = error.to_string();
            if *complained != says {
                tracing::error!(serving = app.menus.current().version, "{says}");
                *complained = says;
            }
        }
    }
}
