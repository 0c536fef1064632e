// Stands in for libFuzzer where the compiler has none: hands every file of a corpus to a fuzz
// target, and many mutations of each, the same for a seed. Ends by a signal where the target fails;
// what it failed on is then in the file failed_input.
//
//   npy_fuzz FOLDER... [--mutations N] [--seed N]

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "cuda/philox.h"
#include "cuda/require.h"
#include "tests/fuzz/fuzz.h"

namespace {

using Bytes = std::string;
namespace fs = std::filesystem;

std::vector<Bytes> load(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<Bytes> corpus;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

/// The input lies in memory of its own, so that AddressSanitizer sees a read beyond its end.
void try_input(const Bytes& bytes) {
  static std::FILE* const last = std::fopen("failed_input", "wb");  // opened once: closing is slow
  std::rewind(last);
  std::fwrite(bytes.data(), 1, bytes.size(), last);
  std::fflush(last);
  fleet::require(ftruncate(fileno(last), static_cast<off_t>(bytes.size())) == 0, "failed_input");
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

/// A place in the bytes, or their end; more often near the beginning, where headers are.
std::size_t place(fleet::Random& random, std::size_t size) {
  const std::size_t end = random.bernoulli(0.5) ? std::min<std::size_t>(size, 128) : size;
  return static_cast<std::size_t>(random.index(static_cast<int>(end) + 1));
}

Bytes mutate(Bytes bytes, const std::vector<Bytes>& corpus, fleet::Random& random) {
  constexpr std::string_view kTelling = "0123456789-.,:;[]{}()'\"\\ \n\t#&*!|>%@~PK\xff\x80";
  for (int change = random.index(6); change >= 0; --change) {
    const std::size_t at = place(random, bytes.size());
    const auto byte = static_cast<char>(random.index(256));
    const Bytes& other =
        corpus[static_cast<std::size_t>(random.index(static_cast<int>(corpus.size())))];
    switch (random.index(7)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.insert(
            at, 1,
            kTelling[static_cast<std::size_t>(random.index(static_cast<int>(kTelling.size())))]);
        break;
      case 2:
        bytes.erase(at, static_cast<std::size_t>(random.index(9)));
        break;
      case 3:
        bytes.insert(at, bytes.substr(place(random, bytes.size()), 40));
        break;
      case 4:
        bytes.insert(at, other.substr(place(random, other.size()), 200));
        break;
      default:
        if (at < bytes.size()) {
          bytes[at] = random.bernoulli(0.5)
                          ? byte
                          : static_cast<char>(bytes[at] ^ static_cast<char>(1 << random.index(8)));
        }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Bytes> corpus;
  int num_mutations = 1000;  // of each file
  std::uint64_t seed = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--mutations" && i + 1 < argc) {
      num_mutations = std::stoi(argv[++i]);
    } else if (argument == "--seed" && i + 1 < argc) {
      seed = std::stoull(argv[++i]);
    } else {
      std::ranges::move(load(argument), std::back_inserter(corpus));
    }
  }
  try_input("");
  for (std::size_t file = 0; file < corpus.size(); ++file) {
    try_input(corpus[file]);
    for (int mutation = 0; mutation < num_mutations; ++mutation) {
      fleet::Random random(seed, static_cast<std::uint32_t>(file), 0,
                           static_cast<std::uint32_t>(mutation), 0);
      try_input(mutate(corpus[file], corpus, random));
    }
  }
  fs::remove("failed_input");
  std::printf("%zu files, %d mutations of each\n", corpus.size(), num_mutations);
  return corpus.empty() ? 1 : 0;
}
