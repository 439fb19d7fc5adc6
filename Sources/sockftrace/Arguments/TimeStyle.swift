internal import ArgumentParser

/// What the first column of text shows.
enum TimeStyle: String, CaseIterable, ExpressibleByArgument {
    case trace
    case relative
    case wall
}
