/** Reverses each line of standard input. */
public class Main {
    public static void main(String[] args) {
        var input = new java.util.Scanner(System.in);
        while (input.hasNextLine()) System.out.println(new StringBuilder(input.nextLine()).reverse());
    }
}
