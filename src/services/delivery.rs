//! stub
use crate::gateways::*;
use std::sync::Arc;
pub type Polled = Arc<dyn Fn() -> Vec<DeliveryReport> + Send + Sync>;
#[derive(Clone)]
pub struct Route {
    pub name: String,
    pub provider: &'static str,
    pub gateway: Arc<dyn SmsGateway>,
    pub per_second: u32,
    pub polled: Option<Polled>,
}
