# Times decompr and exvatools on the table of a folder: what each took, and the sums of its terms.
#
#   Rscript peers.R FOLDER RUNS
#
# FOLDER holds z.bin and y.bin (doubles, column after column), regions.txt and sectors.txt.

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
runs <- as.integer(arguments[2])
place <- function(name) file.path(folder, name)
regions <- readLines(place("regions.txt"))
sectors <- readLines(place("sectors.txt"))
rows <- length(regions) * length(sectors)
numbers <- function(name) {
  bytes <- file.size(place(name))
  matrix(readBin(place(name), "double", bytes / 8), nrow = rows)
}
z <- numbers("z.bin")
y <- numbers("y.bin")

timed <- function(name, work) {
  found <- work()
  seconds <- sapply(seq_len(runs), function(run) system.time(work())[["elapsed"]])
  sums <- colSums(found)
  cat("seconds", name, seconds, sep = "\t")
  cat("\n")
  cat("sums", name, paste(names(sums), format(sums, digits = 15), sep = "=", collapse = "\t"), sep = "\t")
  cat("\n")
}

there <- function(package) suppressWarnings(suppressMessages(require(package, character.only = TRUE, quietly = TRUE)))

if (there("decompr")) {
  cat("version", "decompr", as.character(packageVersion("decompr")), sep = "\t")
  cat("\n")
  terms <- function(frame) frame[sapply(frame, is.numeric)]
  timed("decompr: wwz", function() terms(as.data.frame(decomp(x = z, y = y, k = regions, i = sectors, method = "wwz"))))
  timed("decompr: kww", function() terms(as.data.frame(decomp(x = z, y = y, k = regions, i = sectors, method = "kww"))))
}
if (there("exvatools")) {
  cat("version", "exvatools", as.character(packageVersion("exvatools")), sep = "\t")
  cat("\n")
  timed("exvatools: bm_src", function() {
    wio <- make_custom_wio(as.data.frame(cbind(z, y)), g_names = regions, n_names = sectors, quiet = TRUE)
    found <- make_exvadec(wio, exporter = "all", method = "bm_src", quiet = TRUE)
    data.frame(lapply(found[sapply(found, is.matrix)], sum))
  })
}
