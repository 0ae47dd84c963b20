/** What cloud-init calls every instance whose cloud gives it no id (`DEFAULT_IID` and `defaults` of its sources). */
const PLACEHOLDER = /^(?:iid-ds[a-z]+|iid-datasource(?:-none)?|nocloud)$/;

/** False for a name that every VM of such a cloud bears: it tells none of them from another. */
export const isIdOfOneInstance = (id: string): boolean => !PLACEHOLDER.test(id);
