// Prints the primes below 30.
fn main() {
    let primes: Vec<String> = (2..30u32)
        .filter(|n| (2..*n).all(|d| n % d != 0))
        .map(|n| n.to_string())
        .collect();
    println!("{}", primes.join(" "));
}
