/** What the console offers, by the operations that `GET /api/operators/me` lists: what a role may not do is not shown. */
export const SECTIONS = [
  { name: "attention", icon: "bell", needs: "attention_list" },
  { name: "visits", icon: "film", needs: "visits_list" },
  { name: "live", icon: "live", needs: "visits_live" },
  { name: "face-search", icon: "face", needs: "face_search" },
  { name: "charts", icon: "chart", needs: "charts" },
  { name: "people", icon: "people", needs: "people_list" },
  { name: "kiosks", icon: "kiosk", needs: "kiosks_list" },
  { name: "holds", icon: "hold", needs: "holds_list" },
  { name: "audit", icon: "book", needs: "audit_list" },
];

export const may = (operator, operation) => !operation || Boolean(operator?.operations.includes(operation));
