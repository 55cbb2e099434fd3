//! What a person is paid for a series: how far their claim has come, and why it may not be paid yet.

words! {
    /// How far a claim has come.
    pub enum ClaimState {
        /// Days are still being counted.
        Counting = "counting",
        /// Every register it rests on is countersigned.
        Submitted = "submitted",
        /// The payer has been told to pay it.
        Approved = "approved",
        /// The payer has paid it.
        Paid = "paid",
        /// Something is in the way.
        Blocked = "blocked",
    }
}

words! {
    /// What is in the way of a claim, the first of them in this order.
    pub enum Block {
        /// The centre added the person; the director has not said that they belong there.
        NotDeployed = "not_deployed",
        /// Somebody says that the account is another person's.
        TieContested = "tie_contested",
        /// No national ID is known of the person.
        NoNationalId = "no_national_id",
        /// No number is known to which money could go.
        NoPhone = "no_phone",
        /// The deployed name is not the one of the account, which is that of the M-Pesa line.
        NameDiffers = "name_differs",
        /// The account changed hands or SIM a short time ago: pay rests.
        OnHold = "on_hold",
        /// The series has no rate for the role.
        NoRate = "no_rate",
        /// Days are over and a register they stand in is not signed.
        NotSigned = "not_signed",
        /// A register is signed by the centre and not by the director.
        NotCountersigned = "not_countersigned",
        /// The series is over and no day counts.
        NoDays = "no_days",
        /// The payer could not reach the line.
        PayerNoLine = "payer_no_line",
        /// The payer found another name on the line.
        PayerName = "payer_name",
        /// The payer found the line at its limit.
        PayerLimit = "payer_limit",
        /// The payer could not pay for another reason.
        PayerOther = "payer_other",
    }
}

impl Block {
    /// Whether only the payer's own failure is in the way.
    pub fn is_payers(self) -> bool {
        matches!(self, Self::PayerNoLine | Self::PayerName | Self::PayerLimit | Self::PayerOther)
    }

    /// Why the payer could not pay, by the payer's own word.
    pub fn of_payer(word: &str) -> Self {
        match word {
            "no_line" => Self::PayerNoLine,
            "name" => Self::PayerName,
            "limit" => Self::PayerLimit,
            _ => Self::PayerOther,
        }
    }
}

words! {
    /// What has become of a payment.
    pub enum PaymentState {
        /// It went to the payer.
        Approved = "approved",
        /// The payer has paid it.
        Paid = "paid",
        /// The payer could not pay it.
        Failed = "failed",
    }
}
