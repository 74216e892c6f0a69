/** The visit as a report on paper: every picture of the strip has to be there before the printer is asked. */
export async function printReport() {
  const pictures = [...document.querySelectorAll(".film img")];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
  print();
}
