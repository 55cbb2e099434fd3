-- Signed registers that wait for their countersignature: a few thousand among all that were ever signed.
CREATE INDEX register_documents_waiting ON register_documents (centre) WHERE replaced_at IS NULL AND countersigned_at IS NULL;
