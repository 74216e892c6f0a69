/** One trace a visit (W3C Trace Context): every request names it, so that logs from here to the grant are one story. */
const hex = (count) => [...crypto.getRandomValues(new Uint8Array(count))].map((b) => b.toString(16).padStart(2, "0")).join("");

let trace = hex(16);

/** A new visit is a new trace: nothing links one customer's visits. */
export const beginTrace = () => void (trace = hex(16));

/** The header of one request. */
export const traceparent = () => `00-${trace}-${hex(8)}-01`;
